package org.primer4j.experiment;

import java.util.Map;
import org.primer4j.files.Sha256;

/**
 * Everything that bears on a cell's result, so that its SHA-256 names the cell.
 *
 * @param fields free-form settings (see {@link Settings}); their order does not count
 */
public record ContentKey(Map<String, Object> fields) {

    public ContentKey {
        fields = Settings.canonical(fields);
    }

    /** 64 hexadecimal digits. */
    public String sha256() {
        return Sha256.of(CellJson.sortedBytes(this));
    }
}
