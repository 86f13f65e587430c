//! Every setting with its default; file < environment < flags; checks that name line and column. Holds no logic of the parts it configures.
