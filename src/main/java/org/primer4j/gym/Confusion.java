package org.primer4j.gym;

import java.util.List;

/** How often a label was predicted and meant; doubles, as products of counts overflow an int. */
record Confusion(double tp, double fp, double fn, double tn) {

    static Confusion of(String label, List<String> predictions, List<String> gold) {
        double[] counts = new double[4];
        for (int i = 0; i < gold.size(); i++) {
            boolean predicted = predictions.get(i).equals(label);
            boolean meant = gold.get(i).equals(label);
            counts[predicted ? (meant ? 0 : 1) : (meant ? 2 : 3)]++;
        }
        return new Confusion(counts[0], counts[1], counts[2], counts[3]);
    }

    /** The label's F1; the label occurs on one side at least. */
    double f1() {
        return 2 * tp / (2 * tp + fp + fn);
    }

    /** Matthews correlation of having the label; 0 if a side is constant. */
    double matthews() {
        double scale = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
        return scale == 0 ? 0 : (tp * tn - fp * fn) / scale;
    }
}
