/**
 * What {@code benchmarks/gpu-check} runs on a GPU's machine: stages with a time limit each, of which one that fails does not stop the others, and
 * a report. It stands among the tests because the ops' tests are its largest part.
 */
package org.primer4j.gpucheck;
