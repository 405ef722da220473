// The part of Dart's type system that the guide's client leans on: JSON numbers that are `int` or `double`, casts that
// throw, `DateTime.parse`, and closed enumerations as json_serializable decodes them.

export class CastError extends TypeError {}
export class NoSuchMethodError extends TypeError {}
export class FormatException extends Error {}
export class ArgumentError extends Error {}

/** A JSON number written with a fraction or an exponent: never an `int` in Dart, also when it is whole. */
export class DartDouble {
  constructor(value) {
    this.value = value;
  }

  valueOf() {
    return this.value;
  }

  toJSON() {
    return this.value;
  }
}

const DOUBLE_KEY = '\u0000double';
const DOUBLE_TAG = JSON.stringify(DOUBLE_KEY);
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function tagDouble(token) {
  const isDouble = token[0] !== '"' && /[.eE]/.test(token);
  return isDouble ? `{${DOUBLE_TAG}:${token}}` : token;
}

function untagDouble(_key, value) {
  const tagged = value !== null && typeof value === 'object' && Object.hasOwn(value, DOUBLE_KEY);
  return tagged ? new DartDouble(value[DOUBLE_KEY]) : value;
}

/** `jsonDecode`: like `JSON.parse`, but numbers keep whether they are `int` or `double`. */
export function jsonDecode(text) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new FormatException(error.message);
  }
  return JSON.parse(text.replace(STRING_OR_NUMBER, tagDouble), untagDouble);
}

function runtimeType(value) {
  if (value === null || value === undefined) return 'Null';
  if (value instanceof DartDouble) return 'double';
  if (Array.isArray(value)) return 'List<dynamic>';
  switch (typeof value) {
    case 'string':
      return 'String';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'double';
    default:
      return 'Map<String, dynamic>';
  }
}

function cast(value, type, accepted = [type]) {
  const found = runtimeType(value);
  if (!accepted.includes(found)) throw new CastError(`type '${found}' is not a subtype of type '${type}'`);
  return value;
}

export const asString = (value) => cast(value, 'String');
export const asBool = (value) => cast(value, 'bool');
export const asInt = (value) => cast(value, 'int');
export const asMap = (value) => cast(value, 'Map<String, dynamic>');
export const asList = (value) => cast(value, 'List<dynamic>');

/** `(value as num).toDouble()`, as generated for a `double` field. */
export const asDouble = (value) => Number(cast(value, 'num', ['int', 'double']));

/** `(value as List<dynamic>).map((e) => e as String).toList()`. */
export const asListOfStrings = (value) => asList(value).map(asString);

/** The nullable twin of a decoder: null and absent are null. */
export const nullable = (decode) => (value) => (value === null || value === undefined ? null : decode(value));

/** `value.toDouble()` on a `dynamic`: only numbers have the method. */
export function toDouble(value) {
  if (!['int', 'double'].includes(runtimeType(value))) {
    throw new NoSuchMethodError(`Class '${runtimeType(value)}' has no instance method 'toDouble'`);
  }
  return Number(value);
}

/** `value[key]` on a `dynamic`, with a String key: only maps take one. */
export function at(value, key) {
  const found = runtimeType(value);
  if (found === 'Null' || found === 'bool' || found === 'int' || found === 'double') {
    throw new NoSuchMethodError(`Class '${found}' has no instance method '[]'`);
  }
  return Object.hasOwn(asMap(value), key) ? value[key] : null;
}

const DATE_TIME = new RegExp(
  '^([+-]?\\d{4,6})-?(\\d\\d)-?(\\d\\d)' +
    '(?:[ T](\\d\\d)(?::?(\\d\\d)(?::?(\\d\\d)(?:[.,](\\d+))?)?)?' +
    '( ?[zZ]| ?([-+])(\\d\\d)(?::?(\\d\\d))?)?)?$',
);

/** `DateTime.parse`, with the expression of Dart's own library. */
export function parseDateTime(text) {
  const match = DATE_TIME.exec(asString(text));
  if (!match) throw new FormatException(`Invalid date format: ${text}`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const parts = [year, month - 1, day, hour, minute, second, milliseconds];
  if (!match[8]) return new Date(...parts);
  const sign = match[9] === '-' ? -1 : 1;
  const offsetMinutes = match[9] ? sign * (Number(match[10]) * 60 + Number(match[11] ?? 0)) : 0;
  return new Date(Date.UTC(...parts) - offsetMinutes * 60_000);
}

/** `$enumDecode`: a word outside the enumeration throws, and so does null. Gives the Dart name of the value. */
export function enumDecode(namesByWord, value) {
  if (value === null || value === undefined) throw new ArgumentError('A value must be provided');
  if (typeof value !== 'string' || !Object.hasOwn(namesByWord, value)) {
    throw new ArgumentError(`\`${value}\` is not one of the supported values: ${Object.keys(namesByWord).join(', ')}`);
  }
  return namesByWord[value];
}
