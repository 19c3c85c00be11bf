/** Curves as files that other tools read: JSON lines and TensorBoard's event files. */
package org.primer4j.metrics;
