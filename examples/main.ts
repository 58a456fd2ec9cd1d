/** Three of the examples in turn; each is a program of its own and also runs alone. */
await import("./least_squares.js");
await import("./pca.js");
await import("./digits.js");
console.log(process.exitCode ? "\nnot everything promised was reached" : "\nall promises kept");
