//! Prints the README's tables of what detection finds on simulated traffic, with every detector and with each left
//! out: `cargo run --release --example detectors`.

fn main() {
    println!("{}", gatewatch::sim::measure::markdown(0..10));
}
