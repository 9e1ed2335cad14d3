// The character classes of RFC 3261, section 25.1, as tables: one look-up a character, so that
// reading is linear whatever the input holds.

/** A class of ASCII characters; everything beyond ASCII is outside of it. */
export type CharacterClass = Uint8Array;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const figures = '0123456789';
const mark = "-_.!~*'()";

/** The class of exactly these characters. */
export function classOf(characters: string): CharacterClass {
  const table = new Uint8Array(128);
  for (const character of characters) {
    table[character.charCodeAt(0)] = 1;
  }
  return table;
}

export const digits = classOf(figures);
export const hexDigits = classOf(`${figures}abcdefABCDEF`);
/** `token`: methods, header names, parameter names, option tags. */
export const tokenCharacters = classOf(`${letters}${figures}-.!%*_+\`'~`);
/** `word`: the two halves of a Call-ID. */
export const wordCharacters = classOf(`${letters}${figures}-.!%*_+\`'~()<>:\\"/[]?{}@`);
/** What may stand after the first letter of a URI's scheme. */
export const schemeCharacters = classOf(`${letters}${figures}+-.`);
export const schemeStart = classOf(letters);
/**
 * `user` and `password`, escapes apart. The grammar's set, and what phones send besides it: `#` of
 * service codes, and the rest that cannot be mistaken for a part of the URI.
 */
export const userCharacters = classOf(`${letters}${figures}${mark}&=+$,;?/#[]^{|}\`%`);
/** `user` as the grammar has it: what we write, the rest escaped. */
export const strictUserCharacters = classOf(`${letters}${figures}${mark}&=+$,;?/`);
/** `paramchar` and `hnv`, with the escape's percent. */
export const uriParameterCharacters = classOf(`${letters}${figures}${mark}[]/:&+$%`);
export const uriHeaderCharacters = classOf(`${letters}${figures}${mark}[]/?:+$%`);
/** Host names; the underscore is not allowed and is common. */
export const hostCharacters = classOf(`${letters}${figures}-._`);
/** What stands between the brackets of an IPv6 reference. */
export const ipv6Characters = classOf(`${figures}abcdefABCDEF:.`);
/** RFC 3966, section 3: digits, visual separators, and the hexadecimal of local numbers. */
export const telCharacters = classOf(`${figures}abcdefABCDEF+*#-.()`);
/**
 * An unquoted parameter value: `token`, `host`, and what senders leave unquoted though it ought not
 * to be (an IPv6 address without brackets, base64).
 */
export const valueCharacters = classOf(`${letters}${figures}-.!%*_+\`'~[]:/@=&$?()#|^{}`);

/** Whether the character at a place is in the class; false past the end. */
export function isIn(characters: CharacterClass, text: string, at: number): boolean {
  return at < text.length && characters[text.charCodeAt(at)] === 1;
}

/** Whether a text is not empty and all of it in the class. */
export function isAllOf(characters: CharacterClass, text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (!isIn(characters, text, at)) {
      return false;
    }
  }
  return text.length > 0;
}

/** Whether a text is a `token`. */
export function isToken(text: string): boolean {
  return isAllOf(tokenCharacters, text);
}

/** Whether every character can be seen: no control, no white space, nothing beyond ASCII. */
export function isVisibleAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code >= 127) {
      return false;
    }
  }
  return text.length > 0;
}
