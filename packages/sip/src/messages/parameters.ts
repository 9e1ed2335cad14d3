/** One parameter of a header field or URI: `;tag=1`, `;lr` (RFC 3261, section 7.3.1). */
export type Parameter = {
  /** As written; compared without case. */
  readonly name: string;
  /**
   * As written, with its quotes or escapes; absent for a parameter without `=`. A quoted value is
   * read by `unquote`.
   */
  readonly value?: string;
};

/** In the order of the wire. Names are meant to be unique; the first one counts. */
export type Parameters = readonly Parameter[];

/** The first parameter of that name, without regard to case; undefined when it is not there. */
export function findParameter(parameters: Parameters, name: string): Parameter | undefined {
  const wanted = name.toLowerCase();
  return parameters.find((each) => each.name === name || each.name.toLowerCase() === wanted);
}

/** Whether a parameter is there, with a value or without one. */
export function hasParameter(parameters: Parameters, name: string): boolean {
  return findParameter(parameters, name) !== undefined;
}

/** The value as written; undefined when the parameter is not there or has no value. */
export function parameterValue(parameters: Parameters, name: string): string | undefined {
  return findParameter(parameters, name)?.value;
}

/** The same parameters with this one set: in its old place, or at the end. */
export function withParameter(
  parameters: Parameters,
  name: string,
  value: string | undefined,
): Parameters {
  const parameter: Parameter = value === undefined ? { name } : { name, value };
  const old = findParameter(parameters, name);
  return old === undefined
    ? [...parameters, parameter]
    : parameters.map((each) => (each === old ? parameter : each));
}

/** The same parameters without those of that name. */
export function withoutParameter(parameters: Parameters, name: string): Parameters {
  const wanted = name.toLowerCase();
  return parameters.filter((each) => each.name.toLowerCase() !== wanted);
}
