/** An experiment's YAML file: strictly read, written back in one form, and the presets. */
package org.primer4j.experiment.study.spec;
