/** Tuned adapters in use. */
package org.primer4j.prediction;
