/** Text from a sequence-to-sequence model: greedy and beam search, and the cached decoder that they run on. */
package org.primer4j.generation;
