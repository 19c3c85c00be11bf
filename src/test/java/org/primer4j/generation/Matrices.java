package org.primer4j.generation;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Plain float64 matrices for the slow models of the tests: rows first. */
final class Matrices {

    private Matrices() {}

    /** {@code x W^T + b}; b may be null. */
    static double[][] linear(double[][] x, double[][] w, double[] b) {
        double[][] y = new double[x.length][w.length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < w.length; j++) {
                double sum = b == null ? 0 : b[j];
                for (int k = 0; k < w[j].length; k++) {
                    sum += x[i][k] * w[j][k];
                }
                y[i][j] = sum;
            }
        }
        return y;
    }

    static double[][] add(double[][] a, double[][] b) {
        return zip(a, b, Double::sum);
    }

    static double[][] zip(double[][] a, double[][] b, java.util.function.DoubleBinaryOperator f) {
        double[][] y = new double[a.length][a[0].length];
        for (int i = 0; i < y.length; i++) {
            for (int j = 0; j < y[i].length; j++) {
                y[i][j] = f.applyAsDouble(a[i][j], b[i][j]);
            }
        }
        return y;
    }

    static double[][] map(double[][] x, DoubleUnaryOperator f) {
        return Arrays.stream(x).map(row -> Arrays.stream(row).map(f).toArray()).toArray(double[][]::new);
    }

    static double[][] layerNorm(double[][] x, double[] scale, double[] shift, double eps) {
        double[][] y = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            double mean = Arrays.stream(x[i]).average().orElseThrow();
            double variance = Arrays.stream(x[i]).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            y[i] = new double[x[i].length];
            for (int j = 0; j < y[i].length; j++) {
                y[i][j] = (x[i][j] - mean) / Math.sqrt(variance + eps) * scale[j] + shift[j];
            }
        }
        return y;
    }

    static double[][] rmsNorm(double[][] x, double[] scale, double eps) {
        double[][] y = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            double square = Arrays.stream(x[i]).map(v -> v * v).average().orElseThrow();
            y[i] = new double[x[i].length];
            for (int j = 0; j < y[i].length; j++) {
                y[i][j] = x[i][j] / Math.sqrt(square + eps) * scale[j];
            }
        }
        return y;
    }

    /** Bias of a head between a query and a key. */
    interface Bias {

        double at(int head, int query, int key);
    }

    static double[][] attention(double[][] q, double[][] k, double[][] v, int heads, double scale, boolean causal, Bias bias) {
        int d = q[0].length / heads;
        double[][] y = new double[q.length][q[0].length];
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < q.length; i++) {
                double[] p = new double[causal ? i + 1 : k.length];
                for (int j = 0; j < p.length; j++) {
                    for (int c = head * d; c < (head + 1) * d; c++) {
                        p[j] += q[i][c] * k[j][c] * scale;
                    }
                    p[j] = Math.exp(p[j] + bias.at(head, i, j));
                }
                double sum = Arrays.stream(p).sum();
                for (int j = 0; j < p.length; j++) {
                    for (int c = head * d; c < (head + 1) * d; c++) {
                        y[i][c] += p[j] / sum * v[j][c];
                    }
                }
            }
        }
        return y;
    }

    static double gelu(double x) {
        return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
    }

    static double geluTanh(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    // Taylor series; alternating terms lose few digits below 4, where the rest is 1 to 1e-8.
    private static double erf(double x) {
        if (Math.abs(x) > 4) {
            return Math.signum(x);
        }
        double term = x, sum = x;
        for (int n = 1; n < 100; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }
}
