package org.primer4j.gym.demo;

/**
 * What a grammar made of a section.
 *
 * @param text the finished sentences
 * @param template the same with the word lists' slots left open: what two drafts of one pattern have in common
 */
record Draft(String text, String template) {
}
