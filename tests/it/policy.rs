//! Every combination of the policy, on screen, in its explanation, and in what is recorded.
