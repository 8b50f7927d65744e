// What the deployment tells the page, in the page itself.

export interface SignIn {
  client_id: string;
  authorize_url: string;
  token_url: string;
  logout_url?: string;
  scopes: string;
  authorize_parameters?: Record<string, string>;
}

const text = document.getElementById('config')?.textContent;
const config: { sign_in?: SignIn } = text ? JSON.parse(text) : {};

/** How one signs in; without it, the page asks for a token. */
export const signIn = config.sign_in;

/** The page's address without anything that was chosen on it, which is the one that the issuer returns to. */
export const page = location.origin + location.pathname;

/** Where the API lives: beside the page. */
export const api = location.pathname.replace(/\/view\/?$/, '');
