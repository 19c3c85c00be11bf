/** A study: recipes of priming against direct tuning, over methods, tasks and samples; its data, statistics and tables. */
package org.primer4j.experiment.study;
