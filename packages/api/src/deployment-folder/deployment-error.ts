export const deploymentErrorCodes = [
  'noDeployment',
  'alreadyThere',
  'openToOthers',
  'notOurs',
  'unreadable',
  'damaged',
  'pathTooLong',
  'alreadyUp',
  'portTaken',
  'portMissing',
  'storeRefused',
  'folderGone',
] as const;
export type DeploymentErrorCode = (typeof deploymentErrorCodes)[number];

/** The deployment folder is not as it must be: what is wrong, where, and what to do. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
  readonly code: DeploymentErrorCode;
  readonly where: string;
  readonly todo: string;

  constructor(
    code: DeploymentErrorCode,
    said: { readonly what: string; readonly where: string; readonly todo: string },
  ) {
    super(`${said.what} (${said.where}): ${said.todo}`);
    this.code = code;
    this.where = said.where;
    this.todo = said.todo;
  }
}
