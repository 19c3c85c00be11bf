/** Tasks as pairs of texts, for models that write their answer. */
package org.primer4j.objective.seq2seq;
