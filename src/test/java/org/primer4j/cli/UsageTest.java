package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "                                        | No command is given",
        "tuna                                    | tune",
        "tune --gym G --out O --smaples 13       | --samples",
        "tune --out O                            | --gym",
        "tune --gym                              | --gym",
        "tune --gym G --out O --samples thirteen | thirteen",
        "prime --gym G                           | --out",
        "prime --gym G --out O --steps 0         | steps",
        "prime --gym G --out O --rate 0          | --rate",
        "prime --gym G --out O --rate NaN        | --rate",
        "prime --gym G --out O --dropout 1       | --dropout",
        "prime --gym G --out O --threads 0       | threads",
        "prime --gym G --out O --objective x     | matching or joint",
        "prime --gym G --out O --max-length 2    | --max-length",
        "prime --gym G --out O --max-tokens 100  | --max-tokens",
        "tune --gym G --out O --method lorra     | lora, houlsby, pfeiffer, parallel, prefix, prompt, ia3, bitfit, full",
        "tune --gym G --out O --method lora,lora | lora stands there twice",
        "tune --gym G --out O --rank 0           | rank",
        "tune --gym G --out O --targets quary    | query",
        "tune --gym G --out O --method houlsby --bottleneck 0 | bottleneck",
        "tune --gym G --out O --method prefix+  | no method ''",
        "tune --gym G --out O --method houlsby+parallel | both change the same place",
        "tune --gym G --out O --method lora+prefix+lora | both change the same place",
        "tune --gym G --out O --method prefix --prefix-length 0 | 1 virtual token",
        "tune --gym G --out O --method prefix --prefix-sites encoder,self | --prefix-sites",
        "tune --gym G --out O --method prompt --prompt-length 0 | 1 virtual token",
        "tune --gym G --out O --method parallel --parallel-scale 0 | scale above 0",
        "tune --gym G --out O --rates 1e-3,-1    | --rates",
        "tune --gym G --out O --method prompt --prompt-length 2147483647 | prompt length",
        "tune --gym G --out O --rank 2147483647  | rank",
        "tune --gym G --out O --max-tokens 2147483647 | --max-tokens is 2147483647; expected 128 to 1048576",
        "tune --gym G --out O --max-length 2147483647 | --max-length",
        "tune --gym G --out O --batch 2147483647 | batch sizes of 1 to 65536",
        "prime --gym G --out O --batch 2147483647 | batch of 1 to 65536",
        "prime --gym G --out O --algorithm maml --inner-steps 2147483647 | 1 to 65536 steps",
        "predict --model M --input I --max-tokens 2147483647 | --max-tokens",
        "predict --model M --input I --output /  | --output /: found a folder",
        "generate --model M --input I --max-tokens 2147483647 | --max-tokens",
        "bench sweep                             | not there yet",
        "bench tran                              | bench train, maml, fomaml, reptile or generate",
        "bench maml --tasks 0                    | bench maml: --tasks",
        "bench reptile --inner lorra             | bench reptile: --inner",
        "bench train --batch 0                   | --batch",
        "gym                                     | gym list",
        "report                                  | DIR",
    })
    void badUsageIsOneSentenceAndStatus2(String line, String said) {
        Cli cli = Cli.run((Object[]) (line == null ? new String[0] : line.split(" +")));
        assertEquals(2, cli.status(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertTrue(cli.err().startsWith("primer: ") && cli.err().contains(said), cli.err());
        assertEquals("", cli.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "prime", "tune", "experiment", "predict", "generate", "export", "report", "doctor", "bench", "verify", "gym"})
    void helpIsShownForEveryCommand(String command) {
        Cli cli = Cli.run(command, "--help");
        assertEquals(0, cli.status());
        assertTrue(cli.out().contains("Usage: primer " + command), cli.out());
        assertEquals("", cli.err());
    }

    @Test
    void theVersionIsShown() {
        Cli cli = Cli.run("--version");
        assertEquals(0, cli.status());
        assertTrue(cli.out().startsWith("Primer4J "), cli.out());
    }

    @Test
    void doctorFindsTheEngine() throws Exception {
        Cli cli = Cli.run("doctor", "--json", "--threads", 1);
        assertEquals(0, cli.status(), cli.out() + cli.err());
        var findings = new ObjectMapper().readTree(cli.out());
        assertTrue(findings.get("engine").asText().endsWith("1 thread)"), cli.out());
        assertTrue(findings.has("cuda"), cli.out());
        assertTrue(findings.get("self test").asText().contains("loss "), cli.out());
        assertEquals(1, List.of(cli.out().split("\n")).size());
    }
}
