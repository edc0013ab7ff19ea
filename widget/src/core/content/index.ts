/** What members say inside MLS: its shapes, its bounds, its bytes. */
export { ContentError, decodeContent, encodeContent, withTurn } from './codec.js';
export {
  displayNameCharactersMax,
  resendMax,
  textCharactersMax,
  type AgainContent,
  type CallContent,
  type Content,
  type KnownContent,
  type MissingContent,
  type ProfileContent,
  type ResendContent,
  type TextContent,
  type Turn,
  type UnknownContent,
} from './schema.js';
export { cleanDisplayName, prepareText } from './text.js';
