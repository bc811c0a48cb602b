// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts_key.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>

#include <hairpin/limits.h>

#include "file.h"
#include "unconst.h"

struct hosts_key {
	gnutls_privkey_t key;
	__u8 public[HOSTS_KEY_BYTES];
};

/* --- the file ------------------------------------------------------------------------------ */

static int key_make(gnutls_datum_t *ret_pem)
{
	gnutls_x509_privkey_t key;
	int ret = gnutls_x509_privkey_init(&key);

	if (ret < 0)
		return -ENOMEM;
	ret = gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519,
					   GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), 0);
	if (ret >= 0)
		ret = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
							GNUTLS_PKCS_PLAIN, ret_pem);
	gnutls_x509_privkey_deinit(key);
	return ret < 0 ? -EIO : 0;
}

static int file_make(const char *path)
{
	gnutls_datum_t pem = {0};
	int ret = key_make(&pem);

	if (ret)
		return ret;
	ret = file_write_durable(path, (const char *)pem.data, pem.size, 0600);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	return ret;
}

/* Its text, for root alone. */
static int file_open(const char *path, char **ret_text, size_t *ret_length, struct strbuf *why)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat is;
	int ret;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &is))
		return -errno;
	if (!S_ISREG(is.st_mode) || is.st_uid != geteuid() || is.st_mode & 077) {
		strbuf_add(why,
			   "%s: others may read it, or it is not ours: chmod 600 it, chown it to "
			   "root, or take it away to get a new one, which machines then refuse "
			   "until `hairpin hosts apply --from ... --key ...` is run on each",
			   path);
		return -EPERM;
	}
	ret = file_read_fd(fd, LIMIT_HOSTS_KEY_BYTES, ret_text, ret_length);
	return ret;
}

/* --- the key ------------------------------------------------------------------------------- */

static int public_read(struct hosts_key *key)
{
	gnutls_ecc_curve_t curve;
	gnutls_datum_t x = {0};
	int ret;

	if (gnutls_privkey_get_pk_algorithm(key->key, NULL) != GNUTLS_PK_EDDSA_ED25519)
		return -EINVAL;
	ret = gnutls_privkey_export_ecc_raw2(key->key, &curve, &x, NULL, NULL, 0);
	if (ret < 0)
		return -EINVAL;
	ret = x.size == HOSTS_KEY_BYTES ? 0 : -EINVAL;
	if (!ret)
		memcpy(key->public, x.data, HOSTS_KEY_BYTES);
	gnutls_free(x.data);
	return ret;
}

static int key_read(const char *text, size_t length, struct hosts_key *key)
{
	const gnutls_datum_t pem = {.data = unconst(text), .size = (unsigned int)length};

	if (gnutls_privkey_init(&key->key) < 0)
		return -ENOMEM;
	if (gnutls_privkey_import_x509_raw(key->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
		return -EINVAL;
	return public_read(key);
}

int hosts_key_open(const char *path, struct hosts_key **ret_key, struct strbuf *why)
{
	_free_ char *text = NULL;
	struct hosts_key *key;
	size_t length = 0;
	int ret = file_open(path, &text, &length, why);

	if (ret == -ENOENT) {
		ret = file_make(path);
		if (!ret)
			ret = file_open(path, &text, &length, why);
	}
	if (ret) {
		if (!why->length)
			strbuf_add(why, "%s: %s", path, strerror(-ret));
		return ret;
	}
	key = calloc(1, sizeof(*key));
	ret = key ? key_read(text, length, key) : -ENOMEM;
	gnutls_memset(text, 0, length);
	if (ret) {
		hosts_key_free(key);
		strbuf_add(
			why,
			"%s: not an Ed25519 key: put back the one that was there, or take it away "
			"to get a new one, which machines then refuse until `hairpin hosts apply "
			"--from ... --key ...` is run on each",
			path);
		return ret;
	}
	*ret_key = key;
	return 0;
}

struct hosts_key *hosts_key_free(struct hosts_key *key)
{
	if (key && key->key)
		gnutls_privkey_deinit(key->key);
	free(key);
	return NULL;
}

const __u8 *hosts_key_public(const struct hosts_key *key)
{
	return key->public;
}

int hosts_key_sign(const struct hosts_key *key, const void *data, size_t length,
		   __u8 ret_signature[HOSTS_SIGNATURE_BYTES])
{
	const gnutls_datum_t what = {.data = unconst(data), .size = (unsigned int)length};
	gnutls_datum_t made = {0};
	int ret = -EIO;

	if (gnutls_privkey_sign_data2(key->key, GNUTLS_SIGN_EDDSA_ED25519, 0, &what, &made) < 0)
		return -EIO;
	if (made.size == HOSTS_SIGNATURE_BYTES) {
		memcpy(ret_signature, made.data, HOSTS_SIGNATURE_BYTES);
		ret = 0;
	}
	gnutls_free(made.data);
	return ret;
}

int hosts_key_verify(const __u8 *public, const void *data, size_t length, const __u8 *signature)
{
	const gnutls_datum_t x = {.data = unconst(public), .size = HOSTS_KEY_BYTES};
	const gnutls_datum_t what = {.data = unconst(data), .size = (unsigned int)length};
	const gnutls_datum_t sign = {.data = unconst(signature), .size = HOSTS_SIGNATURE_BYTES};
	gnutls_pubkey_t key;
	int ret;

	if (gnutls_pubkey_init(&key) < 0)
		return -ENOMEM;
	ret = gnutls_pubkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_ED25519, &x, NULL);
	if (ret >= 0)
		ret = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_EDDSA_ED25519, 0, &what, &sign);
	gnutls_pubkey_deinit(key);
	return ret < 0 ? -EBADMSG : 0;
}

int hosts_digest(const void *data, size_t length, __u8 ret_digest[HOSTS_DIGEST_BYTES])
{
	return gnutls_hash_fast(GNUTLS_DIG_SHA256, data, length, ret_digest) < 0 ? -EIO : 0;
}

const char *hosts_fingerprint(const __u8 *public, char text[HOSTS_FINGERPRINT_MAX])
{
	__u8 digest[HOSTS_DIGEST_BYTES];
	const gnutls_datum_t what = {.data = digest, .size = sizeof(digest)};
	gnutls_datum_t encoded = {0};

	text[0] = '\0';
	if (hosts_digest(public, HOSTS_KEY_BYTES, digest) ||
	    gnutls_base64_encode2(&what, &encoded) < 0)
		return text;
	snprintf(text, HOSTS_FINGERPRINT_MAX, "SHA256:%.*s", (int)encoded.size, encoded.data);
	text[strcspn(text, "=")] = '\0';
	gnutls_free(encoded.data);
	return text;
}
