/** The command line: one class for each command. */
package org.primer4j.cli;
