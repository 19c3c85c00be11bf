/**
 * The demo's own gym: small English few-shot tasks generated from grammars written for this project, in CrossFit's
 * folder layout. A task is one resource file of sentence patterns and word lists, read by {@link Grammar};
 * {@link DemoGym} writes the folder.
 */
package org.primer4j.gym.demo;
