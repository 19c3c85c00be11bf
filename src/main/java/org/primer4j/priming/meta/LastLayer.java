package org.primer4j.priming.meta;

import java.util.Collection;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.primer4j.BadInputException;

/**
 * The tensors of a model's last layer, and what a method puts beside them: the last decoder layer where there is a decoder, else the
 * last encoder layer.
 *
 * @param prefix of their names, such as {@code decoder.layers.5.}
 */
public record LastLayer(String prefix) implements Predicate<String> {

    private static final Pattern DECODER = Pattern.compile("(?:.*\\.)?decoder\\.(?:layers|block)\\.(\\d+)\\.");
    private static final Pattern ENCODER = Pattern.compile("(?:.*\\.)?encoder\\.(?:layers?|block)\\.(\\d+)\\.");

    /**
     * Finds it among the names of a model's tensors.
     *
     * @throws BadInputException when no name tells of layers
     */
    public static LastLayer of(Collection<String> tensors) {
        String decoder = last(DECODER, tensors);
        String found = decoder != null ? decoder : last(ENCODER, tensors);
        if (found == null) {
            throw new BadInputException("The model has no tensor named as part of an encoder's or decoder's layer; expected one for ANIL to adapt.");
        }
        return new LastLayer(found);
    }

    private static String last(Pattern layers, Collection<String> tensors) {
        int most = -1;
        String prefix = null;
        for (String tensor : tensors) {
            Matcher matcher = layers.matcher(tensor);
            if (matcher.lookingAt() && Integer.parseInt(matcher.group(1)) > most) {
                most = Integer.parseInt(matcher.group(1));
                prefix = matcher.group();
            }
        }
        return prefix;
    }

    @Override
    public boolean test(String tensor) {
        return tensor.startsWith(prefix);
    }
}
