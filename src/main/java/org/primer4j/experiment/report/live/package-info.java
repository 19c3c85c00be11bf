/** The report of an experiment that still runs, served to this machine's browsers. */
package org.primer4j.experiment.report.live;
