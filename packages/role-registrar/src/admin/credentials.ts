import { type DigestAlgorithm, digestAlgorithms, type NewUserRequest } from '@understudy/api';
import { ha1Of } from '@understudy/sip';

export type Credential = { readonly algorithm: DigestAlgorithm; readonly ha1: string };

/** What is stored of a user's secret: H(A1) per algorithm, never the password itself. */
export function credentialsOf(
  user: Pick<NewUserRequest, 'name'> &
    ({ readonly password: string } | { readonly credentials: ReadyHa1 }),
  realm: string,
): readonly Credential[] {
  return digestAlgorithms.flatMap((algorithm) => {
    if ('password' in user) {
      const { name, password } = user;
      return [{ algorithm, ha1: ha1Of(algorithm, { name, realm, password }) }];
    }
    const ha1 = user.credentials[algorithm];
    return ha1 === undefined ? [] : [{ algorithm, ha1 }];
  });
}
type ReadyHa1 = { readonly [algorithm in DigestAlgorithm]?: string | undefined };
