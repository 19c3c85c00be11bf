/** Benchmarks that take the same options and the same work as the peer's, and print the same JSON keys. */
package org.primer4j.bench;
