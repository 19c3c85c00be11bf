package org.primer4j.metrics;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.primer4j.BadInputException;
import org.primer4j.files.Sha256;

/** A folder for {@code tensorboard --logdir}: one run folder a series, as {@code tuning/mtl-plm/lora/trec/13}. */
public final class EventFolder {

    /** File systems take 255. */
    private static final int MOST_BYTES = 250;
    private static final String FILE = "events.out.tfevents.0.primer";

    private EventFolder() {
    }

    /**
     * Writes every series, each file whole or not at all, replacing those that are there.
     *
     * @throws BadInputException if one cannot be written
     */
    public static void write(Path folder, List<MetricSeries> series) {
        for (MetricSeries one : series) {
            Path run = folder.resolve(run(one));
            try {
                Files.createDirectories(run);
            } catch (IOException e) {
                throw new BadInputException("%s: cannot be made (%s); expected a folder that is writable and has room."
                        .formatted(run, e.getMessage()), e);
            }
            EventFile.write(run.resolve(FILE), one.points());
        }
    }

    private static Path run(MetricSeries series) {
        String sample = series.sample() == null ? null : series.sample().toString();
        return Stream.of(series.phase(), series.recipe(), series.method(), series.task(), sample).filter(Objects::nonNull)
                .map(EventFolder::safe).map(Path::of).reduce(Path::resolve).orElseThrow();
    }

    /** A name as one folder name: distinct names stay distinct, none is too long, and none leads out of the folder. */
    private static String safe(String name) {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
        if (encoded.length() > MOST_BYTES) {
            return new Sha256().text(name).hex();
        }
        return encoded.startsWith(".") ? "%2E" + encoded.substring(1) : encoded;
    }
}
