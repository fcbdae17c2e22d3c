plugins/lab-nft.uses :=
plugins/lab-nft.libs := -lmnl -lnftables
