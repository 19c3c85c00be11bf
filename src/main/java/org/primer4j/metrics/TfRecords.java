package org.primer4j.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * TensorFlow's record format, little-endian: length as uint64, the length's masked CRC-32C as uint32, the data, the data's
 * masked CRC-32C. See tensorflow/core/lib/io/record_writer.h and core/lib/hash/crc32c.h.
 */
final class TfRecords {

    private static final int OVERHEAD = Long.BYTES + 2 * Integer.BYTES;
    private static final int MASK_DELTA = 0xa282ead8;

    private TfRecords() {
    }

    /** One record around {@code data}. */
    static byte[] record(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(OVERHEAD + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length).putInt(maskedCrc(record.array(), Long.BYTES));
        return record.put(data).putInt(maskedCrc(data, data.length)).array();
    }

    /** The CRC-32C of the first bytes, rotated and shifted so that a CRC of data that holds CRCs stays a good one. */
    static int maskedCrc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }
}
