package org.primer4j.text;

import java.nio.charset.StandardCharsets;

/** Small tokenizers of our own, shaped as BART's and T5's files are. */
final class Seq2SeqTokenizers {

    /** Byte-level: the specials of BART, two letters with and without a space before, the four bytes of U+1F600. */
    static final String BART = """
        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
         "added_tokens": [%s, %s, %s, %s, %s],
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
         "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": false},
         "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
         "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
          "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
          "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "\u0120": 6, "\u0120a": 7, "\u00f0": 8, "\u0141": 9,
           "\u013a": 10, "\u0122": 11, "<mask>": 12},
          "merges": ["\u0120 a"]}}
        """.formatted(special(0, "<s>"), special(1, "<pad>"), special(2, "</s>"), special(3, "<unk>"), special(12, "<mask>"));

    /** Unigram with T5's word marks. */
    static final String T5 = """
        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
         "added_tokens": [%s, %s, %s, %s],
         "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": true},
         "post_processor": {"type": "TemplateProcessing",
          "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
           {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
          "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
         "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": true},
         "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": false,
          "vocab": [["<pad>", 0.0], ["</s>", 0.0], ["<unk>", -9.0], ["\u2581", -3.0], ["\u2581red", -2.0], ["\u2581lamp", -2.0], ["s", -3.0]]}}
        """.formatted(special(0, "<pad>"), special(1, "</s>"), special(2, "<unk>"), special(7, "<extra_id_0>"));

    private Seq2SeqTokenizers() {
    }

    static Tokenizer of(String json) {
        return Tokenizer.of(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String special(int id, String text) {
        return ("{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false,"
            + " \"special\": true}").formatted(id, text);
    }
}
