package org.primer4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.primer4j.verify.CaseResult;
import org.primer4j.verify.Verification;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the engine over golden files. */
@CommandLine.Command(name = "verify", description = "Compare the engine with golden files; a JSON line for each tensor, exit status 1 if any fails.")
final class VerifyCommand extends Command {

    @Parameters(paramLabel = "DIR", description = "Folder of golden files.")
    private Path folder;

    @Option(names = "--only", paramLabel = "GLOB", split = ",", description = "Cases by path, such as 'models/bert*' (default: all).")
    private List<String> globs = List.of();

    @Mixin
    private DeviceOptions deviceOptions;

    private int passed;
    private int failed;

    @Override
    public Integer call() {
        Verification.of(folder, globs, deviceOptions.device(console())).run(this::print);
        console().log("%d passed, %d failed".formatted(passed, failed));
        return failed == 0 ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    private void print(CaseResult result) {
        if (result.passed()) {
            passed++;
        } else {
            failed++;
            console().log(result.caseName() + ": " + result.problem());
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", result.file());
        fields.put("case", result.caseName());
        fields.put("tensor", result.tensor());
        fields.put("rel_err", result.relError());
        fields.put("tolerance", result.tolerance());
        fields.put("passed", result.passed());
        fields.put("problem", result.problem());
        console().json(fields);
    }
}
