/** Schemas: what a value from elsewhere must be before anything looks at it. Each is a function that gives back what it
 * was given (of lists and objects a copy, with nothing in it that the schema does not name), or throws.
 *
 * Its own code because a library for all of it is ten times the size, and because what is read is hostile: it ends at
 * the first fault, counts a list before it reads one item, sees own properties only, and its error says nothing of the
 * value. */

/** @throws SchemaError the value is not of this schema. */
export type Schema<Type> = (value: unknown) => Type;
export type TypeOf<Of> = Of extends Schema<infer Type> ? Type : never;

/** Schemas by the names of the properties; one that takes `undefined` makes its property optional. */
type Fields = Readonly<Record<string, Schema<unknown>>>;
type OptionalName<Of extends Fields> = {
  [Name in keyof Of]: undefined extends TypeOf<Of[Name]> ? Name : never;
}[keyof Of];
type ObjectOf<Of extends Fields> = Plain<
  { [Name in Exclude<keyof Of, OptionalName<Of>>]: TypeOf<Of[Name]> } & {
    [Name in OptionalName<Of>]?: Exclude<TypeOf<Of[Name]>, undefined>;
  }
>;
type Plain<Type> = { [Name in keyof Type]: Type[Name] };

export class SchemaError extends Error {
  constructor() {
    super('malformed');
    this.name = 'SchemaError';
  }
}

const where =
  <Type>(holds: (value: unknown) => boolean): Schema<Type> =>
  (value) => {
    if (!holds(value)) throw new SchemaError();
    return value as Type;
  };

export const unknown = where<unknown>(() => true);
export const boolean = where<boolean>((value) => typeof value === 'boolean');

/** Bounds are inclusive; `NaN` and infinities are within none. */
export const number = (min: number, max: number): Schema<number> =>
  where((value) => typeof value === 'number' && value >= min && value <= max);

/** Of the safe ones; bounds are inclusive. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER): Schema<number> =>
  where((value) => Number.isSafeInteger(value) && number(min, max)(value) === value);

/** @param max inclusive like `min`, in UTF-16 code units. */
export const text = (max: number, min = 0): Schema<string> =>
  where((value) => typeof value === 'string' && value.length >= min && value.length <= max);

/** @param pattern without the flags `g` and `y`, with which it would remember where it was. */
export const matching = <Type extends string>(pattern: RegExp, max = Infinity): Schema<Type> =>
  where((value) => typeof value === 'string' && value.length <= max && pattern.test(value));

export const bytes = (max: number, min = 1): Schema<Uint8Array> =>
  where((value) => value instanceof Uint8Array && value.length >= min && value.length <= max);

export const oneOf = <Type extends string>(...values: readonly Type[]): Schema<Type> =>
  where((value) => (values as readonly unknown[]).includes(value));

export const nullable =
  <Type>(schema: Schema<Type>): Schema<Type | null> =>
  (value) =>
    value === null ? null : schema(value);

/** In an object: a property that may be absent. One that is `undefined` counts as absent, and is. */
export const optional =
  <Type>(schema: Schema<Type>): Schema<Type | undefined> =>
  (value) =>
    value === undefined ? undefined : schema(value);

export const list =
  <Type>(item: Schema<Type>, max: number, min = 0): Schema<Type[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) throw new SchemaError();
    return Array.from(value, item);
  };

export const object =
  <Of extends Fields>(fields: Of): Schema<ObjectOf<Of>> =>
  (value) => {
    const own = ownProperties(value);
    const copy: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(fields)) {
      const property = schema(own(name));
      if (property !== undefined) copy[name] = property;
    }
    return copy as ObjectOf<Of>;
  };

/** A discriminated union: an object of one of several kinds.
 * @param name of the property that says which. @param kinds what else an object of each kind has. */
export function union<Name extends string, Kinds extends Readonly<Record<string, Fields>>>(
  name: Name,
  kinds: Kinds,
): Schema<
  { [Kind in keyof Kinds]: Plain<Record<Name, Kind> & ObjectOf<Kinds[Kind]>> }[keyof Kinds]
> {
  const schemas = new Map<unknown, Schema<unknown>>(
    Object.entries(kinds).map(([kind, fields]) => [
      kind,
      object({ [name]: oneOf(kind), ...fields }),
    ]),
  );
  return (value) => {
    const schema = schemas.get(ownProperties(value)(name));
    if (schema === undefined) throw new SchemaError();
    return schema(value) as never;
  };
}

/** @returns what a property is, `undefined` for one that only the prototype has.
 * @throws SchemaError no object, or a list. */
function ownProperties(value: unknown): (name: string) => unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SchemaError();
  return (name) =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
