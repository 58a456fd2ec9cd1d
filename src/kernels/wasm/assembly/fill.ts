import { fillRun } from "./move";

export function fill_f32(n: i32, to: usize, value: f64): void {
  fillRun<f32>(to, n, <f32>value);
}

export function fill_f64(n: i32, to: usize, value: f64): void {
  fillRun<f64>(to, n, value);
}
