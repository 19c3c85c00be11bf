package org.primer4j.cli;

import java.util.List;
import org.primer4j.peft.PeftMethod;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is tuned. */
final class MethodOptions {

    @Option(names = "--method", paramLabel = "NAME", split = ",", defaultValue = "lora",
        description = "lora, houlsby, pfeiffer, parallel, prefix, prompt, ia3, bitfit, full; several with commas, each tuned by itself; with +"
            + " together, as prefix+parallel, the mix-and-match adapter of He et al. 2022 (default: ${DEFAULT-VALUE}).")
    private List<String> names;

    @Mixin
    private MethodSettingOptions settings;

    /** One method for each name. */
    List<PeftMethod> methods() {
        return Valid.distinct("--method", names).stream().map(settings::method).toList();
    }
}
