/** Files and folders that are written whole or not at all, and the index of a model's files. */
package org.primer4j.files;
