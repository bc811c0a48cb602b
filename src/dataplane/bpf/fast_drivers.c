// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a device sends frames that XDP redirects to it. Asked of the kernel where it can say (netdev family, Linux 6.3); older ones know, and do not tell, so that
 * there drivers are listed by their names in ethtool. All of these send only while a program is attached to the device itself.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "fast_path.h"
#include "netlink.h"

/* include/uapi/linux/netdev.h, which Debian 12 has not. */
#define NETDEV_FAMILY "netdev"
#define NETDEV_GET 1
#define NETDEV_ATTR_IFINDEX 1
#define NETDEV_ATTR_XDP_FEATURES 3
#define NETDEV_SENDS_REDIRECTED 0x4

/* By the function of Linux 6.1 that takes the frames. Not veth, which takes them only while its other end has a program or GRO, and that cannot be seen from here. */
static const char *const senders[] = {
	"atlantic", /* aq_xdp_xmit() */
	"bnxt_en", /* bnxt_xdp_xmit() */
	"ena", /* ena_xdp_xmit() */
	"fsl_dpaa2_eth", /* dpaa2_eth_xdp_xmit() */
	"fsl_enetc", /* enetc_xdp_xmit() */
	"i40e", /* i40e_xdp_xmit() */
	"ice", /* ice_xdp_xmit() */
	"igb", /* igb_xdp_xmit() */
	"igc", /* igc_xdp_xmit() */
	"ixgbe", /* ixgbe_xdp_xmit() */
	"mlx5_core", /* mlx5e_xdp_xmit() */
	"mvneta", /* mvneta_xdp_xmit() */
	"mvpp2", /* mvpp2_xdp_xmit() */
	"qede", /* qede_xdp_transmit() */
	"sfc", /* efx_xdp_xmit() */
	"tun", /* tun_xdp_xmit() */
	"virtio_net", /* virtnet_xdp_xmit() */
};

static int ethtool(const char *name, void *data)
{
	struct ifreq request = {.ifr_data = data};
	_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd < 0 || ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
}

/* Who does not answer is not known to leave them. */
bool fast_strips_tags(const char *name)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};

	return ethtool(name, &flags) || (flags.data & ETH_FLAG_RXVLAN);
}

static bool driver_is_listed(const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (ethtool(name, &info))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		if (!strcmp(info.driver, senders[i]))
			return true;
	}
	return false;
}

/* --- the kernel's own word ----------------------------------------------------------------------------------- */

static struct nlmsghdr *request(struct netlink_buffer *buffer, __u16 family, __u8 command)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer->bytes);
	struct genlmsghdr *genl;

	header->nlmsg_type = family;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(header, sizeof(*genl));
	*genl = (struct genlmsghdr){.cmd = command, .version = 1};
	return header;
}

static int on_family(const struct nlmsghdr *header, void *data)
{
	struct nlattr *attr;
	__u16 *family = data;

	mnl_attr_for_each(attr, header, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			*family = mnl_attr_get_u16(attr);
	}
	return MNL_CB_OK;
}

static __u16 find_family(void)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header = request(&buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	__u16 family = 0;

	mnl_attr_put_strz(header, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
	return netlink_talk(NETLINK_GENERIC, &buffer, on_family, &family) ? 0 : family;
}

static int on_features(const struct nlmsghdr *header, void *data)
{
	struct nlattr *attr;
	__u64 *features = data;

	mnl_attr_for_each(attr, header, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attr) == NETDEV_ATTR_XDP_FEATURES)
			*features = mnl_attr_get_u64(attr);
	}
	return MNL_CB_OK;
}

bool fast_sends_redirected(const char *name, unsigned int ifindex)
{
	struct netlink_buffer buffer;
	struct nlmsghdr *header;
	__u16 family = find_family();
	__u64 features = 0;

	if (!family)
		return driver_is_listed(name);
	header = request(&buffer, family, NETDEV_GET);
	mnl_attr_put_u32(header, NETDEV_ATTR_IFINDEX, ifindex);
	return !netlink_talk(NETLINK_GENERIC, &buffer, on_features, &features) &&
	       (features & NETDEV_SENDS_REDIRECTED);
}
