// Words of YAML text. A token is named as SnakeYAML names it in messages.

export type TokenId =
  | '<stream start>'
  | '<stream end>'
  | '<directive>'
  | '<document start>'
  | '<document end>'
  | '<block sequence start>'
  | '<block mapping start>'
  | '<block end>'
  | '<alias>'
  | '<anchor>'
  | '<tag>'
  | '<scalar>'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | '-'
  | '?'
  | ':';

export interface Token {
  id: TokenId;
  /** Offset of its first character. */
  at: number;
  /** Offset behind its last character, where that matters: in collections in brackets. */
  end?: number;
  /** The name of an alias or anchor. */
  name?: string;
}
