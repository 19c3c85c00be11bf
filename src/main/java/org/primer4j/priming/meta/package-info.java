/** Meta-learning of start values: adapt to a task, learn from how that went; exact second order. */
package org.primer4j.priming.meta;
