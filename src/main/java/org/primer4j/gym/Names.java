package org.primer4j.gym;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Suggests names for a misspelt one. */
public final class Names {

    private Names() {
    }

    /** Up to three of the known names, those with the fewest edits (Levenshtein) first. */
    public static List<String> nearest(String name, Collection<String> known) {
        return known.stream().sorted(Comparator.comparingInt((String other) -> distance(name, other))
                .thenComparing(Comparator.naturalOrder())).limit(3).toList();
    }

    /** Levenshtein's distance in UTF-16 units, one row of the table at a time. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
