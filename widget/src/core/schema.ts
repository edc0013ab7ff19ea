/** Schemas: what a value from elsewhere must be before anything looks at it. They are valibot's, under names that demand
 * a bound of whatever could be long. */
import * as v from 'valibot';

export {
  boolean,
  literal,
  nullable,
  picklist as oneOf,
  unknown,
  /** Of an object: a property that may be absent. One that is `undefined` counts as absent, and is. */
  exactOptional as optional,
  /** An object that is one of a `union`; alone, `object` is what sees own properties only. */
  object as kind,
} from 'valibot';

export type Schema<Type> = v.GenericSchema<unknown, Type>;
export type TypeOf<Of extends Schema<unknown>> = v.InferOutput<Of>;

export class SchemaError extends Error {
  constructor() {
    super('malformed');
    this.name = 'SchemaError';
  }
}

/** Ends at the first fault.
 * @returns the value, of lists and objects a copy, with nothing in it that the schema does not name.
 * @throws SchemaError without a `cause`: valibot's error would carry the value. */
export function parse<Type>(schema: Schema<Type>, value: unknown): Type {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (!parsed.success) throw new SchemaError();
  return parsed.output;
}

/** Bounds are inclusive; `NaN` and infinities are within none. */
export const number = (min: number, max: number): Schema<number> =>
  v.pipe(v.number(), v.minValue(min), v.maxValue(max));

/** Of the safe ones; bounds are inclusive. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER): Schema<number> =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));

/** @param max inclusive like `min`, in UTF-16 code units. */
export const text = (max: number, min = 0): Schema<string> =>
  v.pipe(v.string(), v.minLength(min), v.maxLength(max));

/** @param pattern without the flags `g` and `y`, with which it would remember where it was. */
export const matching = <Type extends string>(pattern: RegExp, max = Infinity): Schema<Type> =>
  v.custom<Type>(
    (value) => typeof value === 'string' && value.length <= max && pattern.test(value),
  );

export const bytes = (max: number, min = 1): Schema<Uint8Array> =>
  v.pipe(v.instance(Uint8Array), v.minLength(min), v.maxLength(max));

/** Is counted before one item is looked at. */
export const list = <Type>(item: Schema<Type>, max: number, min = 0): Schema<Type[]> =>
  v.pipe(v.array(v.unknown()), v.minLength(min), v.maxLength(max), v.array(item));

export const object = <Of extends v.ObjectEntries>(
  entries: Of,
): Schema<v.InferOutput<v.ObjectSchema<Of, undefined>>> =>
  v.pipe(own(Object.keys(entries)), v.object(entries));

/** An object of one of several kinds.
 * @param name of the property that says which. */
export const union = <
  Name extends string,
  Kind extends v.ObjectSchema<v.ObjectEntries & Record<Name, v.GenericSchema>, undefined>,
>(
  name: Name,
  kinds: readonly Kind[],
): Schema<v.InferOutput<Kind>> =>
  v.pipe(own(new Set(kinds.flatMap((kind) => Object.keys(kind.entries)))), v.variant(name, kinds));

/** Of an object that is no list these properties, where it has them itself: valibot would take a prototype's too. */
const own = (names: Iterable<string>) =>
  v.pipe(
    v.custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    ),
    v.transform((value): unknown => {
      const copy = Object.create(null) as typeof value;
      for (const name of names)
        if (Object.hasOwn(value, name) && value[name] !== undefined) copy[name] = value[name];
      return copy;
    }),
  );
