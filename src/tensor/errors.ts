/** The base of every error that tracegrad raises on purpose; catch it to catch them all. */
export class TracegradError extends Error {
  override name = "TracegradError";
}

/** A shape does not fit: the message names the op, the input, what came and what was wanted. */
export class ShapeError extends TracegradError {
  override name = "ShapeError";
}

/** A dtype does not fit, such as the gradient with respect to an `int32` tensor. */
export class DtypeError extends TracegradError {
  override name = "DtypeError";
}

/** A matrix has no inverse (or no Cholesky factor); the message names the pivot. */
export class SingularError extends TracegradError {
  override name = "SingularError";
}

/** A value lies outside the domain of a function, such as `logdet` of a negative determinant. */
export class DomainError extends TracegradError {
  override name = "DomainError";
}

/** The library is used in a way that cannot work, such as an op before `init`. */
export class UsageError extends TracegradError {
  override name = "UsageError";
}

/** A file or text is not what its format asks for; the message says where it is wrong. */
export class FormatError extends TracegradError {
  override name = "FormatError";
}

/** The heap of the backend is full. */
export class OutOfMemoryError extends TracegradError {
  override name = "OutOfMemoryError";
}
