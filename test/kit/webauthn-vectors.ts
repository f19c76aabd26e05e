/**
 * Examples of the standard, for RP ID example.org: https://www.w3.org/TR/webauthn-3/#sctn-test-vectors. Their random parts
 * come out of HKDF-SHA-256 over `WebAuthn test vectors`, so whether they were copied rightly can be computed.
 */

/** All in hex. */
export interface Vector {
  /** `info` of the derivation. */
  name: string;
  id: string;
  made: { clientDataJSON: string; attestationObject: string };
  used?: { clientDataJSON: string; authenticatorData: string; signature: string };
}

/** SHA-256 of example.org. */
const RP = 'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5';
/** Up to 164 bytes of authenticator data, attestation `none`. */
const NONE = `a363666d74646e6f6e656761747453746d74a068617574684461746158a4${RP}`;

const clientData = (type: 'create' | 'get', challenge: string, more: object, extra?: string): string => {
  const extraData = `clientDataJSON may be extended with additional fields in the future, such as this: ${extra}`;
  const fields = { type: `webauthn.${type}`, challenge, origin: 'https://example.org', ...more };
  return Buffer.from(JSON.stringify({ ...fields, ...(extra ? { extraData } : {}) })).toString('hex');
};

const own = { crossOrigin: false };
const framed = { crossOrigin: true };
const under = { crossOrigin: true, topOrigin: 'https://example.com' };

/** Flags 0x59 and 0x19: the person was not verified, the key is backed up. */
export const noneEs256: Vector = {
  name: 'none.ES256',
  id: 'f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4',
  made: {
    clientDataJSON: clientData(
      'create',
      'AMMPt4UxxGTStncdq417YDwBFi8vpIa-pw8oOuVW4TA',
      own,
      'BkQeDjdcTBrXBiAwJTLE5Q==',
    ),
    attestationObject: `${NONE}59000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220`,
  },
  used: {
    clientDataJSON: clientData('get', 'OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag', own),
    authenticatorData: `${RP}1900000000`,
    signature:
      '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
  },
};

/** Flags 0x5d: verified. Attested by itself, although nobody asks for that. */
export const packedSelfEs256: Vector = {
  name: 'packed-self.ES256',
  id: '455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c',
  made: {
    clientDataJSON: clientData(
      'create',
      'eGnCt3LUtY66k3jPjynibPk1qnffDaifqZwL3Ap29-U',
      own,
      'U9hTXvKE2URkMnb_0xYHVg==',
    ),
    attestationObject: `a363666d74667061636b65646761747453746d74a263616c67266373696758483046022100ae045923ded832b844cae4d5fc864277c0dc114ad713e271af0f0d371bd3ac540221009077a088ed51a673951ad3ba2673d5029bab65b64f4ea67b234321f86fcfac5d68617574684461746158a4${RP}5d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2`,
  },
};

export const crossOrigin: Vector = {
  name: 'none.ES256.crossOrigin',
  id: '6e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57',
  made: {
    clientDataJSON: clientData(
      'create',
      'O-WqzQNTcUJHI0CrWWnyQPHYdxbiC2gHrCMGVfpLO0k',
      framed,
      'zZquEtDR9DWqpW5tBWTFug',
    ),
    attestationObject: `${NONE}4500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e`,
  },
  used: {
    clientDataJSON: clientData('get', 'h2qlF7qD_e5l_P_bykyE7q5dVPgEGh_IXJkeW7snMTc', framed, '92pcTVD0Aby-q4dtmj6efg'),
    authenticatorData: `${RP}0500000000`,
    signature:
      '3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c76237ff9db77b3c56f30837cda6a09acfa2e915544e609c0733b1184036d1cf',
  },
};

export const topOrigin: Vector = {
  name: 'none.ES256.topOrigin',
  id: 'b8ad59b996047ab18e2ceb57206c362da57458793481f4a8ebf101c7ca7cc0f1',
  made: {
    clientDataJSON: clientData('create', 'Th9MYZhpnjPBTxkhU_Sdfg6ONXfVrEFsXzrckqQfJ-U', under),
    attestationObject: `${NONE}410000000097586fd09799a76401c200455099ef2a0020b8ad59b996047ab18e2ceb57206c362da57458793481f4a8ebf101c7ca7cc0f1a5010203262001215820a1c47c1d82da4ebe82cd72207102b380670701993bc35398ae2e5726427fe01d22582086c1080d82987028c7f54ecb1b01185de243b359294a0ed210cd47480f0adc88`,
  },
  used: {
    clientDataJSON: clientData('get', '1UpcjKS2Ko47syHjsrxzhW-FoQFQ2yk5rBlXOeseoGY', under, 'UiFoJMVRQHDADWFi4vxUpQ'),
    authenticatorData: `${RP}0500000000`,
    signature:
      '3045022100b5a70c81780d5fcc9a4f2ae9caae99058f8accaf58b91fb59329646c28ac6ffc022012e101c165db3c8e9957f0c54dd6ca9b56bc3bd2f280bd2faa6c1d02c6e5c171',
  },
};
