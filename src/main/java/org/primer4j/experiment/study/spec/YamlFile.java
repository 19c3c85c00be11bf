package org.primer4j.experiment.study.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.BadInputException;
import org.primer4j.experiment.study.spec.YamlNode.Scalar;

/** Reads a YAML file of one document, without aliases, every key once. */
final class YamlFile {

    private static final int DEEPEST = 12;
    private static final YAMLFactory YAML = YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final String file;
    private final YAMLParser parser;

    private YamlFile(String file, YAMLParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * The document's root.
     *
     * @param file its name, for complaints
     * @throws BadInputException naming the line, if the text is no such YAML
     */
    static YamlNode read(String file, String text) {
        try (YAMLParser parser = YAML.createParser(text)) {
            return new YamlFile(file, parser).document();
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw new BadInputException(file + ":" + line + ": " + oneLine(e.getOriginalMessage()) + "; expected YAML with every key once.", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read as YAML (" + e.getMessage() + "); expected a text file in UTF-8.", e);
        }
    }

    private static String oneLine(String message) {
        return message.lines().findFirst().orElse("malformed").strip();
    }

    private YamlNode document() throws IOException {
        if (parser.nextToken() == null) {
            throw new BadInputException(file + ":1: the file is empty; expected an experiment.");
        }
        YamlNode root = node(0);
        if (parser.nextToken() != null) {
            throw new BadInputException(file + ":" + line() + ": a second document begins; expected one.");
        }
        return root;
    }

    private int line() {
        return Math.max(1, parser.currentTokenLocation().getLineNr());
    }

    private YamlNode node(int depth) throws IOException {
        int line = line();
        if (depth > DEEPEST) {
            throw new BadInputException(file + ":" + line + ": values are nested more than " + DEEPEST + " deep; expected an experiment.");
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw new BadInputException(file + ":" + line + ": found an anchor or alias (& or *); expected every value written out.");
        }
        Object value = switch (parser.currentToken()) {
            case START_OBJECT -> map(depth);
            case START_ARRAY -> list(depth);
            default -> new Scalar(parser.currentToken(), parser.getText());
        };
        return new YamlNode(file, line, value);
    }

    private Map<String, YamlNode> map(int depth) throws IOException {
        Map<String, YamlNode> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            int line = line();
            parser.nextToken();
            YamlNode value = node(depth + 1);
            // A complaint about a block's content names the key's line, not the one after it.
            map.put(key, new YamlNode(file, line, value.value()));
        }
        return map;
    }

    private List<YamlNode> list(int depth) throws IOException {
        List<YamlNode> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(node(depth + 1));
        }
        return list;
    }
}
