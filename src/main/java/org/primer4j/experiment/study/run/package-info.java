/** Runs a study: its plan of cells, the cells' work shared by processes and resumed after kills, and the files of its folder. */
package org.primer4j.experiment.study.run;
