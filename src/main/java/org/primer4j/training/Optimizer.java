package org.primer4j.training;

import org.primer4j.graph.Graph;
import org.primer4j.graph.Value;
import org.primer4j.graph.ops.Optimize;
import org.primer4j.model.ParameterLayout;
import org.primer4j.model.Parameters;

/** A rule that moves the parameters along the clipped gradient. */
public sealed interface Optimizer {

    /** Largest global gradient norm; 0 for no clipping. */
    double clip();

    /** Appends the update of the flat values by the flat gradient. */
    void append(Graph graph, Flat flat);

    /**
     * The flat values of an update, {@code [1, P]} a lane, and its scalars.
     *
     * @param factor what clipping multiplies the gradient by
     * @param rate learning rate
     * @param count updates done, this one included
     */
    record Flat(ParameterLayout layout, Value values, Value gradient, Value factor, Value rate, Value count) {}

    /** AdamW (Loshchilov and Hutter 2019) with decoupled decay; biases and LayerNorm do not decay. */
    record AdamW(double beta1, double beta2, double eps, double decay, double clip) implements Optimizer {

        public AdamW {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps > 0 && decay >= 0 && clip >= 0)) {
                throw new IllegalArgumentException("AdamW needs betas in [0, 1), eps > 0, decay >= 0 and clip >= 0");
            }
        }

        /** Betas 0.9 and 0.999, eps 1e-8. */
        public static AdamW with(double decay, double clip) {
            return new AdamW(0.9, 0.999, 1e-8, decay, clip);
        }

        @Override
        public void append(Graph graph, Flat flat) {
            int size = flat.layout().size();
            graph.add(new Optimize.AdamW(beta1, beta2, eps, decay, flat.layout().decayed()), flat.values(), flat.gradient(),
                graph.state(Parameters.MOMENT_1, size), graph.state(Parameters.MOMENT_2, size), flat.factor(), flat.rate(), flat.count());
        }
    }

    /** Stochastic gradient descent; momentum 0 for the plain rule. */
    record Sgd(double momentum, double clip) implements Optimizer {

        public Sgd {
            if (!(momentum >= 0 && momentum < 1 && clip >= 0)) {
                throw new IllegalArgumentException("SGD needs momentum in [0, 1) and clip >= 0");
            }
        }

        @Override
        public void append(Graph graph, Flat flat) {
            Value velocity = momentum == 0 ? null : graph.state(Parameters.MOMENT_1, flat.layout().size());
            graph.add(new Optimize.Sgd(momentum), flat.values(), flat.gradient(), velocity, flat.factor(), flat.rate());
        }
    }
}
