/** Intervals, tests and corrections, for values that are one a task and a mean over few-shot samples. */
package org.primer4j.experiment.statistics;
