/** Files and folders that are written whole or not at all. */
package org.primer4j.files;
