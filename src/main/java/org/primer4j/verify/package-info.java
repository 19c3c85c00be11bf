/** Runs the engine over golden files: inputs with float64 references computed elsewhere. */
package org.primer4j.verify;
