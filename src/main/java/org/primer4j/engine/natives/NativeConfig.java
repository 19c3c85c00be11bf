package org.primer4j.engine.natives;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Tells JavaCPP's parser how to turn {@code primer.h} into the class {@code Natives}. */
@Properties(
    value = @Platform(
        value = "linux-x86_64",
        include = "primer.h",
        link = "primer",
        preload = {"gomp@.1", "dnnl@.3"},
        preloadresource = "/org/bytedeco/dnnl/"),
    target = "org.primer4j.engine.natives",
    global = "org.primer4j.engine.natives.Natives")
public class NativeConfig implements InfoMapper {

    @Override
    public void map(InfoMap infos) {
        // Addresses and handles cross as plain longs.
        infos.put(new Info("int64_t").valueTypes("long").pointerTypes("LongPointer", "LongBuffer", "long[]").cast());
    }
}
