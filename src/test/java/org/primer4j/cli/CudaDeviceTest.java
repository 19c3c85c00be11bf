package org.primer4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.primer4j.engine.Cuda;
import org.primer4j.engine.EmulatedCuda;

/** What the launcher says of CUDA devices that are there, and of those that are not. */
class CudaDeviceTest {

    @BeforeEach
    void needsTheEmulation() {
        EmulatedCuda.require();
    }

    private static JsonNode doctor(Map<String, String> environment) throws Exception {
        EmulatedCuda run = EmulatedCuda.run(environment, Main.class, "doctor", "--json", "--threads", 1);
        assertEquals(0, run.status(), run.err());
        return new ObjectMapper().readTree(run.out());
    }

    /** Asking for the device is an error of one sentence. */
    private static void refused(Map<String, String> environment, String sentence) {
        EmulatedCuda asked = EmulatedCuda.run(environment, Main.class, "doctor", "--device", "cuda:0");
        assertEquals(2, asked.status(), asked.out());
        assertEquals("primer: " + sentence + "\n", asked.err());
        assertEquals("", asked.out());
    }

    private static void absent(Map<String, String> environment, String why) throws Exception {
        assertEquals("absent: " + why, doctor(environment).get("cuda").asText());
        refused(environment, "No CUDA device can be used: " + why + ".");
    }

    @Test
    void withoutADriverThereIsNoDevice() throws Exception {
        absent(Map.of("PRIMER_EMULATED_DRIVER", "0"), "NVIDIA's driver is absent; install NVIDIA's driver for CUDA 13.0 or newer");
    }

    @Test
    void autoSaysWhyItTakesTheCpu() {
        EmulatedCuda auto = EmulatedCuda.run(Map.of("PRIMER_EMULATED_DEVICES", "0"), Main.class, "doctor", "--device", "auto", "--threads", 1);
        assertEquals(0, auto.status(), auto.err());
        assertTrue(auto.err().matches("--device auto takes cpu \\(.*, 1 thread\\): No CUDA device can be used: the driver finds no NVIDIA GPU;.*\n"), auto.err());
    }

    @Test
    void aDriverCanBeTooOld() throws Exception {
        absent(Map.of("PRIMER_EMULATED_DRIVER", "12020"), "NVIDIA's driver is too old: it is for CUDA 12.2; install one for CUDA 13.0 or newer");
    }

    @Test
    void aDriverCanFindNoDevice() throws Exception {
        absent(Map.of("PRIMER_EMULATED_DEVICES", "0"), "the driver finds no NVIDIA GPU; see what nvidia-smi says, and CUDA_VISIBLE_DEVICES");
    }

    @Test
    void aDeviceCanBeOneThatThereIsNoCodeFor() throws Exception {
        Map<String, String> environment = Map.of("PRIMER_EMULATED_CAPABILITY", "75");
        String why = "this build has no code for it, only for 80, 90a-real (the first also for newer ones); build with -Dcuda.architectures=NN, its compute"
            + " capability without the dot";
        assertEquals("unusable: emulated on the host, compute capability 7.5, 4096 MiB: " + why, doctor(environment).get("cuda:0").asText());
        refused(environment, "The device cuda:0 cannot be opened: its compute capability is 7.5: " + why + ".");
    }

    @Test
    void doctorSaysWhatThereIs() throws Exception {
        JsonNode findings = doctor(Map.of());
        assertEquals("present", findings.get("cuda").asText());
        assertEquals("present: for CUDA 13.0", findings.get("cuda driver").asText());
        assertEquals("present: 13.0, code for 80, 90a-real", findings.get("cuda runtime").asText());
        assertEquals("present: emulated on the host, compute capability 9.0, 4096 MiB, 4096 MiB free", findings.get("cuda:0").asText());
        for (String library : List.of("cublaslt", "cudnn", "nccl")) {
            String finding = findings.get(library).asText();
            assertTrue(finding.matches("present: \\d+\\.\\d+\\.\\d+") || finding.matches("(absent|unusable).* install .*"), finding);
        }
    }

    @Test
    void aNamedLibraryMustBeThere() {
        EmulatedCuda run = EmulatedCuda.run(Map.of(), List.of("-D" + Cuda.LIBRARY_PROPERTY + "=/no/such.so"), Main.class, "doctor", "--device", "cuda:0");
        assertEquals(2, run.status());
        assertEquals("primer: No CUDA device can be used: /no/such.so, which -Dprimer.cuda.library names, is not there.\n", run.err());
    }

    /** The library that nvcc has built, where it has: on a machine without a driver it says that. */
    @Test
    void theBuildsOwnLibraryIsUsed() throws Exception {
        boolean built = Cuda.class.getResource("natives/linux-x86_64/libprimer_cuda.so") != null;
        EmulatedCuda run = EmulatedCuda.run(Map.of("CUDA_VISIBLE_DEVICES", ""), List.of(), Main.class, "doctor", "--json", "--threads", 1);
        assertEquals(0, run.status(), run.err());
        JsonNode findings = new ObjectMapper().readTree(run.out());
        String cuda = findings.get("cuda").asText();
        if (built) {
            assertTrue(cuda.startsWith("absent: NVIDIA's driver is ") || cuda.startsWith("absent: the driver finds no NVIDIA GPU"), cuda);
            assertTrue(findings.get("cuda runtime").asText().startsWith("present: "), run.out());
        } else {
            assertEquals("absent: this build has no CUDA backend; build with nvcc on the path, or name its library by -Dprimer.cuda.library", cuda);
        }
    }

    @Test
    void autoTakesADeviceThatWorks() {
        Cli auto = Cli.run("doctor", "--device", "auto", "--json");
        assertTrue(auto.err().startsWith("--device auto takes cuda:0 (emulated on the host, "), auto.err());
    }

    @Test
    void aDeviceHasAName() {
        for (String name : List.of("gpu", "cuda:", "cuda:x", "cuda:-1", "CPU", "")) {
            Cli run = Cli.run("doctor", "--device", name);
            assertEquals(2, run.status(), name);
            assertEquals("primer: The device is '" + name + "'; expected cpu, cuda or cuda:N.\n", run.err());
        }
        assertEquals("primer: There is no device cuda:1; this machine has 1, numbered from 0.\n", Cli.run("doctor", "--device", "cuda:1").err());
        assertEquals("primer: --threads is 2; expected none with --device cuda:0: threads are of the CPU.\n",
            Cli.run("doctor", "--device", "cuda:0", "--threads", 2).err());
    }
}
